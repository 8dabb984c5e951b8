//! `ssespec report`, and the reports of `ssespec test`.

mod diff;
mod files;
mod github;
mod load;
mod merge;
mod render;

pub(crate) use diff::diff;
pub(crate) use files::{check, check_path, write, write_file};
pub(crate) use github::tell_github;
pub(crate) use load::page as load_page;
pub(crate) use merge::merge;
pub(crate) use render::render;
