//! The manual: one page for the command and one for each subcommand.

use clap::Command;
use clap_mangen::Man;

use crate::generate::Generated;

pub(crate) fn generate() -> Result<Vec<Generated>, String> {
    let mut command = ssespec::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add_pages(&command, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &Command, pages: &mut Vec<Generated>) -> Result<(), String> {
    let version = env!("CARGO_PKG_VERSION");
    let page = Man::new(command.clone()).manual("ssespec").source(format!("ssespec {version}"));
    let path = format!("assets/man/{}", page.get_filename());
    let mut rendered = Vec::new();
    page.render(&mut rendered).map_err(|error| format!("failed to render `{path}`: {error}"))?;
    // What stands after the help is the list of exit codes, for which manuals have a heading.
    let contents = String::from_utf8_lossy(&rendered)
        .replace(".SH EXTRA\nExit codes:\n", ".SH \"EXIT STATUS\"\n")
        .into_bytes();
    pages.push(Generated { path, contents });
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        add_pages(subcommand, pages)?;
    }
    Ok(())
}
