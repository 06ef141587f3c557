//! A scope that is accepted reads back the same from what we print of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scope::document::{describe, normalized_text, read_scopes};

fuzz_target!(|text: &str| {
    for scope in read_scopes("scope.json", text).into_iter().flatten() {
        let _ = describe(&scope);
        let printed = normalized_text(&scope);
        let again = read_scopes("scope.json", &printed).expect("what we print is accepted");
        assert!(again.len() == 1 && again[0].asks_the_same_as(&scope), "{printed}");
    }
});
