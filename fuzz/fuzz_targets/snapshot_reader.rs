//! Whatever bytes a file holds, reading and lowering them ends without a panic.
#![no_main]

use aws::snapshot::Snapshot;
use aws::{Inventory, lower};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = ("111122223333/us-east-1/export.json".to_owned(), bytes.to_vec());
    let (snapshot, _) = Snapshot::from_documents([file]);
    let (inventory, _) = Inventory::read(&snapshot);
    let _ = lower(&inventory, &snapshot);
});
