use flate2::{Decompress, FlushDecompress, Status};

use super::ObjectError;
use super::file::OpenFile;

/// Bytes are read in pieces of at most this size.
const PIECE: usize = 64 << 10;

/// Unpacks zlib streams, with buffers that are used again.
pub(super) struct Inflate {
    engine: Decompress,
    piece: Vec<u8>,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Self { engine: Decompress::new(true), piece: Vec::new() }
    }

    /// The stream that starts at this offset of a file and unpacks to exactly `size` bytes. The caller bounds
    /// `size`; no stream makes more than that.
    pub(super) fn at(&mut self, file: &OpenFile, offset: u64, size: usize) -> Result<Vec<u8>, ObjectError> {
        let mut made = reserved(size)?;
        self.engine.reset(true);
        // Source code unpacks to about three times its size.
        let first = (size / 2 + 128).min(PIECE);
        let mut at = offset;
        loop {
            self.piece.resize(if at == offset { first } else { PIECE }, 0);
            let read = file.read_some(at, &mut self.piece)?;
            let (used, done) = step(&mut self.engine, &self.piece[..read], size, &mut made)?;
            at += used as u64;
            if done {
                return Ok(made);
            }
        }
    }

    /// The same of a stream in memory, of which `size` bytes or the first `at_most` are wanted.
    pub(super) fn head(&mut self, stream: &[u8], at_most: usize) -> Result<Vec<u8>, ObjectError> {
        let mut made = reserved(at_most)?;
        self.engine.reset(true);
        self.engine
            .decompress_vec(stream, &mut made, FlushDecompress::None)
            .map_err(|_| ObjectError::Damaged)?;
        made.truncate(at_most);
        Ok(made)
    }

    /// The whole of a stream in memory, which must make exactly `size` bytes.
    pub(super) fn whole(&mut self, stream: &[u8], size: usize) -> Result<Vec<u8>, ObjectError> {
        let mut made = reserved(size)?;
        self.engine.reset(true);
        let mut rest = stream;
        loop {
            let (used, done) = step(&mut self.engine, rest, size, &mut made)?;
            rest = &rest[used..];
            if done {
                return Ok(made);
            }
        }
    }
}

/// One byte more than the size: a stream that says it is at its end has seen it, and one that goes on is found out.
fn reserved(size: usize) -> Result<Vec<u8>, ObjectError> {
    let mut made = Vec::new();
    made.try_reserve_exact(size + 1).map_err(|_| ObjectError::TooLarge { size: size as u64 })?;
    Ok(made)
}

/// How many bytes of the stream were used, and whether it is at its end.
fn step(
    engine: &mut Decompress,
    stream: &[u8],
    size: usize,
    made: &mut Vec<u8>,
) -> Result<(usize, bool), ObjectError> {
    let (used, length) = (engine.total_in(), made.len());
    let status =
        engine.decompress_vec(stream, made, FlushDecompress::None).map_err(|_| ObjectError::Damaged)?;
    let used = (engine.total_in() - used) as usize;
    match status {
        Status::StreamEnd if made.len() == size => Ok((used, true)),
        _ if made.len() > size => Err(ObjectError::Damaged),
        Status::StreamEnd => Err(ObjectError::Damaged),
        // What neither takes nor gives never ends.
        _ if used == 0 && made.len() == length => Err(ObjectError::Damaged),
        _ => Ok((used, false)),
    }
}
