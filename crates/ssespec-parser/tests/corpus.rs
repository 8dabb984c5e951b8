//! Replays the fuzz corpus with the checks of the fuzz target, on a stable toolchain.

mod common;

use std::fs;
use std::path::Path;

#[test]
fn each_file_of_the_corpus_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/parse");
    let mut files = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is committed") {
        let path = entry.expect("a readable folder").path();
        let bytes = fs::read(&path).expect("a readable file");
        common::check::check(&bytes);
        files += 1;
    }
    assert!(files >= 20, "only {files} files in the corpus");
}
