//! JSON Web Tokens and Keys: header and claims are what the fuzzer makes, and objects that may be keys.
#![no_main]

mod look;

use libfuzzer_sys::fuzz_target;
use prodcheck::model::codec::to_base64;

use look::{CATALOG, look};

fuzz_target!(|data: (&str, &str, &[u8])| {
    let (header, claims, object) = data;
    let part = |json: String| String::from_utf8(to_base64(json.as_bytes())).expect("base64 is ASCII");
    let token = format!(
        "{}.{}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        part(format!("{{\"alg\":\"none\"{header}")),
        part(format!("{{\"exp\":0{claims}"))
    )
    .replace('+', "-")
    .replace('/', "_");
    for rule in CATALOG.rules().filter(|rule| rule.detect.keywords().contains(&"eyJ")) {
        look(&rule.id, "eyJ", token.as_bytes());
    }
    look("secrets/jwk-private", "kty", &[b"{\"kty\":\"RSA\",", object].concat());
    look("secrets/jwk-private", "kty", object);
});
