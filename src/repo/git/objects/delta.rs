use super::ObjectError;

/// How large the base is and how large what is made of it, as the head of a delta says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) base: u64,
    pub(super) result: u64,
}

/// Makes an object of its base and a delta
/// (<https://git-scm.com/docs/pack-format#_deltified_representation>): stretches of the base and new bytes, one after
/// the other. `limit` bounds the result before any memory is taken for it.
pub(super) fn apply(base: &[u8], delta: &[u8], limit: u64) -> Result<Vec<u8>, ObjectError> {
    let mut input = delta;
    let sizes = sizes(&mut input)?;
    if sizes.base != base.len() as u64 {
        return Err(ObjectError::Damaged);
    }
    if sizes.result > limit {
        return Err(ObjectError::TooLarge { size: sizes.result });
    }
    let size = sizes.result as usize;
    let mut made: Vec<u8> = Vec::new();
    made.try_reserve_exact(size).map_err(|_| ObjectError::TooLarge { size: sizes.result })?;
    while let Some((&code, rest)) = input.split_first() {
        input = rest;
        let piece = if code & 0x80 == 0 {
            // Zero is reserved.
            if code == 0 {
                return Err(ObjectError::Damaged);
            }
            let (piece, rest) = input.split_at_checked(usize::from(code)).ok_or(ObjectError::Damaged)?;
            input = rest;
            piece
        } else {
            let mut number = |bits: u8, of: std::ops::Range<u8>| {
                let mut value = 0_usize;
                for (at, bit) in of.enumerate() {
                    if bits & (1 << bit) != 0 {
                        let (&byte, rest) = input.split_first().ok_or(ObjectError::Damaged)?;
                        input = rest;
                        value |= usize::from(byte) << (8 * at);
                    }
                }
                Ok::<usize, ObjectError>(value)
            };
            let from = number(code, 0..4)?;
            let length = match number(code, 4..7)? {
                0 => 0x1_0000,
                length => length,
            };
            base.get(from..from + length).ok_or(ObjectError::Damaged)?
        };
        if made.len() + piece.len() > size {
            return Err(ObjectError::Damaged);
        }
        made.extend_from_slice(piece);
    }
    if made.len() == size { Ok(made) } else { Err(ObjectError::Damaged) }
}

/// Takes the two sizes off the front of a delta.
pub(super) fn sizes(input: &mut &[u8]) -> Result<Sizes, ObjectError> {
    Ok(Sizes { base: size(input)?, result: size(input)? })
}

fn size(input: &mut &[u8]) -> Result<u64, ObjectError> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = input.split_first().ok_or(ObjectError::Damaged)?;
        *input = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(ObjectError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_insertions_make_the_object() {
        // Base 6, result 7: copy 3 from 2, insert `xyzw`.
        let delta = [6, 7, 0x80 | 0x01 | 0x10, 2, 3, 4, b'x', b'y', b'z', b'w'];
        assert_eq!(apply(b"abcdef", &delta, 100), Ok(b"cdexyzw".to_vec()));
        assert_eq!(apply(b"abcde", &delta, 100), Err(ObjectError::Damaged));
        assert_eq!(apply(b"abcdef", &delta, 6), Err(ObjectError::TooLarge { size: 7 }));
    }

    #[test]
    fn a_size_that_nobody_keeps_takes_no_memory() {
        let huge = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert!(matches!(apply(b"a", &huge, 1 << 20), Err(ObjectError::TooLarge { .. })));
        // A copy behind the base's end, a result that is too short, one that is too long.
        for delta in
            [&[1, 1, 0x91, 1, 1][..], &[1, 2, 1, b'x'], &[1, 1, 2, b'x', b'y'], &[1, 1, 0], &[1, 1, 0x91]]
        {
            assert_eq!(apply(b"a", delta, 100), Err(ObjectError::Damaged), "{delta:?}");
        }
    }
}
