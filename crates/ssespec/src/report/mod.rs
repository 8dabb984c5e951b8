//! `ssespec report`, and the reports of `ssespec test`.

mod files;
mod github;
mod render;

pub(crate) use files::{check, write, write_file};
pub(crate) use github::tell_github;
pub(crate) use render::render;
