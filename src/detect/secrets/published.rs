//! Secrets that standards and vendors print in their own documentation: known to everybody, in use nowhere.

use sha2::{Digest, Sha256};

/// The first eight bytes of the SHA-256 of each value. Of keys in PEM it is the value that the base64 holds,
/// of JSON Web Keys the text of `d` or `k`, of everything else the text. A row is made by
/// `printf %s "$value" | sha256sum | cut -c 1-16`, from the page that its comment names.
const PUBLISHED: &[u64] = &[
    // AWS documentation, key id.
    0x1a5d_44a2_dca1_9669,
    // AWS documentation, its secret.
    0x7831_4b11_be2e_5815,
    // AWS documentation, second key id.
    0xc6ea_27c5_34f9_93d3,
    // AWS documentation, its secret.
    0xe21b_597b_a6b9_cafa,
    // Azurite.
    0x0011_cc25_eb43_2071,
    // Cosmos DB emulator.
    0xaa65_4743_9583_c3a2,
    // Stripe documentation, test key.
    0x2caf_c097_0149_a84f,
    // Stripe documentation, older test key.
    0xf2d6_ca16_5150_33e5,
    // Jwt.io, default.
    0x7f75_367e_7881_2551,
    // Jwt.io, default of before 2018.
    0xda81_6f9f_2c16_e6c5,
    // Jwt.io, default since 2025.
    0xc794_fa6d_20c6_4efb,
    // RFC 7519, 3.1.
    0x8d4e_f653_6dc8_895f,
    // Supabase command line, local service key.
    0x7054_1e07_fd4f_900b,
    // Supabase command line, local anon key.
    0xbf17_25a8_f98b_ea37,
    // RFC 7515, A.1 and RFC 7517, A.3, `k`.
    0x8b1b_17a9_740c_068a,
    // RFC 7517, A.3, `k`.
    0x57af_c116_65be_b68d,
    // RFC 7515, A.2, `d`.
    0xecaa_6793_a637_4193,
    // RFC 7515, A.3, `d`.
    0x5ccf_2edb_4f07_0f0b,
    // RFC 7515, A.4, `d`.
    0xf812_3081_a22e_5c00,
    // RFC 7517, A.2, `d` of the first.
    0xa454_04ae_333d_d955,
    // RFC 7517, A.2, `d` of the second.
    0x2e4f_f57e_9c83_2eda,
    // RFC 8037, A.1, `d`.
    0x190e_df59_d573_6c3b,
    // RFC 8410, 10.3, the first key.
    0x80b8_85d1_af82_668a,
    // RFC 8410, 10.3, the second key.
    0x78f1_cd20_5106_5b20,
    // Vagrant's insecure key, RSA.
    0x56fb_5326_a1d7_2a40,
    // Vagrant's insecure key, Ed25519.
    0xc68c_1b1e_6727_cd0e,
    // RFC 9500, 2.1, 2048 bits.
    0x5882_709c_242c_6f47,
    // Hardhat's and Anvil's development account 0.
    0xbc1a_5096_6c9e_6486,
    // Hardhat's and Anvil's development account 1.
    0x8335_c553_3482_1eef,
    // Hardhat's and Anvil's development account 2.
    0xb26a_b652_9d20_ebeb,
    // The wiki's example of the wallet import format.
    0x9d6a_2b9d_1f01_d457,
    // BIP 32, test vector 1, chain m.
    0x2243_ae4c_7301_4469,
    // BIP 32, test vector 2, chain m.
    0xfa14_6b83_df55_0394,
    // NIP-19, the example.
    0xfa1c_cdee_c817_5c63,
];

/// Whether this is one of them. Asked about what already has the form of a secret, so hashing is rare.
pub(super) fn is_published(value: &[u8]) -> bool {
    let digest = Sha256::digest(value);
    let first = digest.iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    PUBLISHED.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_documentation_prints_is_known() {
        // The key id and the secret of Amazon's documentation, put together here.
        assert!(is_published(concat!("AKIA", "IOSFODNN7EXAMPLE").as_bytes()));
        assert!(is_published(concat!("wJalrXUtnFEMI", "/K7MDENG/bPxRfiCYEXAMPLEKEY").as_bytes()));
        assert!(!is_published(concat!("AKIA", "IOSFODNN7EXAMPLF").as_bytes()));
        assert!(!is_published(b""));
    }
}
