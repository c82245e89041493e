//! Checksums and structures of tokens: whatever bytes stand there, nothing stops; what was sealed holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::rules::shape::Checksum;

fuzz_target!(|data: (u8, &[u8])| {
    let (prefix, token) = data;
    let prefix = usize::from(prefix).min(token.len());
    for checksum in Checksum::ALL {
        checksum.holds(token, prefix);
        let mut sealed = token.to_vec();
        if checksum.seal(&mut sealed, prefix) {
            assert_eq!(sealed.len(), token.len());
        }
    }
});
