//! Workload files of `load`: options by their long names, in TOML, with the diagnostics of
//! scenarios.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _};
use ssespec_load::{PUBLISH_VARIABLES, STREAM_VARIABLES, Template};
use ssespec_scenario::{
    Diagnostic, SourceFile, builtin_workloads, render, suggest, syntax_errors, with_suggestion,
};
use toml::de::{DeTable, DeValue};

use crate::cli::{Cli, Subcommand};
use crate::error::CliError;
use crate::output;

/// Options that say how this run is told, not what it does.
pub(crate) const NOT_HERE: [&str; 4] = ["workload", "format", "report", "help"];
/// Options that say the same thing in other ways; one of the command line stands for all.
const ALIKE: [&[&str]; 2] = [&["url", "builtin"], &["rate", "stage"]];
/// Options whose values may hold variables, and which.
const TEMPLATES: [(&str, &[&str]); 7] = [
    ("url", STREAM_VARIABLES),
    ("builtin", STREAM_VARIABLES),
    ("header", STREAM_VARIABLES),
    ("body", STREAM_VARIABLES),
    ("publish", PUBLISH_VARIABLES),
    ("publish-header", PUBLISH_VARIABLES),
    ("publish-body", PUBLISH_VARIABLES),
];

/// The arguments with those of the workload file after them, where there is one.
///
/// # Errors
/// All that is wrong with the file, which has been printed.
pub(crate) fn read(args: &[OsString], cli: &Cli) -> Result<Option<Vec<OsString>>, CliError> {
    let Subcommand::Load(load) = &cli.subcommand else {
        return Ok(None);
    };
    let Some(path) = &load.workload else {
        return Ok(None);
    };
    let source = find(path)?;
    let command = Cli::command();
    let options = command.find_subcommand("load").cloned().unwrap_or_default();
    let (settings, diagnostics) = Reader { source: &source, options: &options }.read();
    if !diagnostics.is_empty() {
        let text = |name: &str| (name == source.name).then_some(source.text.as_str());
        output::say(render(&diagnostics, text, output::colour()).trim_end());
        let count = diagnostics.len();
        let errors = format!("{count} error{}", if count == 1 { "" } else { "s" });
        return Err(CliError::Usage {
            message: format!("{errors} in the workload `{}`", source.name),
            help: "docs/load.md tells how workloads are written".to_owned(),
        });
    }
    let given = command.try_get_matches_from(args).ok();
    let given = given.as_ref().and_then(|given| given.subcommand_matches("load"));
    let mut args = args.to_vec();
    let mut url = None;
    for Setting { name, value } in settings {
        let alike = ALIKE.iter().find(|group| group.contains(&name.as_str()));
        let alike: Vec<&str> = alike.map_or_else(|| vec![name.as_str()], |it| it.to_vec());
        if alike.iter().any(|name| is_given(&options, given, name)) {
            continue;
        }
        if name == "url" {
            url = value.map(OsString::from);
            continue;
        }
        args.push(match value {
            Some(value) => format!("--{name}={value}").into(),
            None => format!("--{name}").into(),
        });
    }
    args.extend(url);
    Ok(Some(args))
}

/// The file, or the built-in workload of this name.
fn find(path: &Path) -> Result<SourceFile, CliError> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(SourceFile { name, text }),
        Err(source) => {
            let builtin = builtin_workloads();
            if let Some(found) = builtin.iter().find(|workload| workload.name == name) {
                return Ok(found.clone());
            }
            if name.contains(['/', '.']) {
                return Err(CliError::Read { path: name, source });
            }
            let names: Vec<&str> = builtin.iter().map(|workload| workload.name.as_str()).collect();
            let help = match suggest(&name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}, or give the path of a file", names.join(", ")),
            };
            Err(CliError::Usage { message: format!("there is no workload `{name}`"), help })
        }
    }
}

fn is_given(options: &Command, given: Option<&ArgMatches>, name: &str) -> bool {
    let option = options.get_arguments().find(|option| key(option) == name);
    option.zip(given).is_some_and(|(option, given)| {
        given.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine)
    })
}

/// The key of an option in a workload.
pub(crate) fn key(option: &Arg) -> String {
    option.get_long().map_or_else(|| option.get_id().to_string(), str::to_owned)
}

/// An option and one value.
struct Setting {
    name: String,
    /// `None` where the option alone says it.
    value: Option<String>,
}

struct Reader<'a> {
    source: &'a SourceFile,
    options: &'a Command,
}

impl Reader<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.source.name, message).at(span, "")
    }

    /// Reads the whole file, and says all that is wrong with it.
    fn read(&self) -> (Vec<Setting>, Vec<Diagnostic>) {
        let (document, errors) = DeTable::parse_recoverable(&self.source.text);
        let mut diagnostics = syntax_errors(self.source, &errors);
        for diagnostic in &mut diagnostics {
            // Those of scenarios speak of cases.
            diagnostic.help = match diagnostic.message.as_str() {
                "duplicate key" => {
                    vec!["keep one of the two; a list holds several values".to_owned()]
                }
                _ => vec!["write texts in quotes on one line: `ramp = \"10s\"`".to_owned()],
            };
        }
        let mut settings = Vec::new();
        if !diagnostics.is_empty() {
            return (settings, diagnostics);
        }
        let options: Vec<&Arg> = self.options.get_arguments().collect();
        let names: Vec<String> = options.iter().map(|option| key(option)).collect();
        let known: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !NOT_HERE.contains(name)).collect();
        let mut entries: Vec<_> = document.into_inner().into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let (name, span) = (key.get_ref().to_string(), value.span());
            if name == "title" {
                if !matches!(value.get_ref(), DeValue::String(_)) {
                    diagnostics.push(self.error(span, "a title is a text"));
                }
                continue;
            }
            let option = names.iter().position(|it| *it == name).and_then(|at| options.get(at));
            let Some(option) = option.filter(|_| known.contains(&name.as_str())) else {
                let message = if NOT_HERE.contains(&name.as_str()) {
                    format!("`{name}` belongs on the command line")
                } else {
                    format!("there is no option `{name}`")
                };
                let error = self.error(key.span(), message);
                let unknown = !NOT_HERE.contains(&name.as_str());
                diagnostics.push(if unknown {
                    with_suggestion(error, &name, &known)
                } else {
                    error
                });
                continue;
            };
            match value.into_inner() {
                DeValue::Array(values) => {
                    if !matches!(option.get_action(), ArgAction::Append) {
                        let message = format!("`{name}` has one value");
                        diagnostics.push(self.error(span, message).help("take it out of the list"));
                        continue;
                    }
                    for value in values {
                        let span = value.span();
                        let read = self.value(option, &name, span, &value.into_inner());
                        read.map_or_else(|it| diagnostics.push(*it), |it| settings.extend(it));
                    }
                }
                value => {
                    let read = self.value(option, &name, span, &value);
                    read.map_or_else(|it| diagnostics.push(*it), |it| settings.extend(it));
                }
            }
        }
        (settings, diagnostics)
    }

    /// Reads one value; `None` where it turns the option off.
    fn value(
        &self,
        option: &Arg,
        name: &str,
        span: Range<usize>,
        value: &DeValue<'_>,
    ) -> Result<Option<Setting>, Box<Diagnostic>> {
        let may_be_bare = option.get_num_args().is_some_and(|count| count.min_values() == 0);
        let takes_one = option.get_num_args().is_none_or(|count| count.max_values() > 0)
            && !matches!(option.get_action(), ArgAction::SetTrue);
        let text = match value {
            DeValue::String(text) if takes_one => text.to_string(),
            DeValue::Integer(number) if takes_one => number.as_str().replace('_', ""),
            DeValue::Float(number) if takes_one => number.as_str().replace('_', ""),
            DeValue::Boolean(true) if may_be_bare || !takes_one => {
                return Ok(Some(Setting { name: name.to_owned(), value: None }));
            }
            DeValue::Boolean(false) if may_be_bare || !takes_one => return Ok(None),
            _ if !takes_one => {
                return Err(Box::new(self.error(span, format!("`{name}` is `true` or `false`"))));
            }
            _ => {
                let message = format!("`{name}` takes a text or a number");
                return Err(Box::new(self.error(span, message)));
            }
        };
        self.check(name, &text, &span)?;
        if let Some((_, variables)) = TEMPLATES.iter().find(|(option, _)| *option == name)
            && let Err(error) = Template::parse(&text, variables)
        {
            return Err(Box::new(self.template(&span, &text, &error, variables)));
        }
        Ok(Some(Setting { name: name.to_owned(), value: Some(text) }))
    }

    /// Lets the command line judge a value.
    fn check(&self, name: &str, text: &str, span: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        let argument = if name == "url" { text.to_owned() } else { format!("--{name}={text}") };
        let Err(error) = self.options.clone().try_get_matches_from(["load", &argument]) else {
            return Ok(());
        };
        match error.kind() {
            ErrorKind::ValueValidation => {
                let why = std::error::Error::source(&error).map(ToString::to_string);
                let why = why.unwrap_or_else(|| format!("`{text}` is no value of `{name}`"));
                // What the standard library says of numbers does not say of which.
                let why = if why.contains('`') || why.contains(text) {
                    why
                } else {
                    format!("`{text}` is no value of `{name}`: {why}")
                };
                let (message, help) = why.split_once("; ").unwrap_or((&why, ""));
                let found = self.error(span.clone(), message);
                Err(Box::new(if help.is_empty() { found } else { found.help(help) }))
            }
            ErrorKind::InvalidValue => {
                let found = self.error(span.clone(), format!("`{text}` is no value of `{name}`"));
                Err(Box::new(match error.get(ContextKind::ValidValue) {
                    Some(ContextValue::Strings(valid)) => {
                        let valid: Vec<&str> = valid.iter().map(String::as_str).collect();
                        with_suggestion(found, text, &valid)
                    }
                    _ => found,
                }))
            }
            // What one option lacks of others is seen when all of them are there.
            _ => Ok(()),
        }
    }

    /// Points at a variable, where the text stands in the file as it is.
    fn template(
        &self,
        span: &Range<usize>,
        text: &str,
        error: &ssespec_load::TemplateError,
        variables: &[&str],
    ) -> Diagnostic {
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let at = match written.find(text) {
            Some(start) => {
                let start = span.start + start;
                start + error.at.start..start + error.at.end
            }
            None => span.clone(),
        };
        let found = self.error(at, error.message.clone());
        match &error.unknown {
            Some(name) if suggest(name, variables).is_some() => {
                with_suggestion(found, name, variables)
            }
            _ => found.help(error.help.clone()),
        }
    }
}
