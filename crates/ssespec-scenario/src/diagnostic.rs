//! What is wrong with a scenario file, where, and how to mend it; shown as rustc shows it.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is used all the same.
    Warning,
    /// The file is refused.
    Error,
}

/// A place in a file, in bytes, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The byte range.
    pub span: Range<usize>,
    /// What stands under the caret; may be empty.
    pub text: String,
}

/// A second place without which the finding cannot be understood, such as the first use of an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file, which may be another one.
    pub file: String,
    /// The place in it.
    pub label: Label,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: String,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// The place, where one is known.
    pub label: Option<Label>,
    /// A second place, where one belongs to it.
    pub related: Option<Related>,
    /// How to mend it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error in `file`.
    pub fn error(file: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            message: message.into(),
            label: None,
            related: None,
            help: Vec::new(),
        }
    }

    /// A warning in `file`.
    pub fn warning(file: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, message) }
    }

    /// Points at bytes of the file.
    pub fn at(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.label = Some(Label { span, text: text.into() });
        self
    }

    /// Points at a second place, in this file or in another one.
    pub fn related(mut self, file: &str, span: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        self.related = Some(Related { file: file.to_owned(), label: Label { span, text } });
        self
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Renders findings for people. `source` gives the text of a file by its name.
pub fn render<'s>(
    diagnostics: &[Diagnostic],
    source: impl Fn(&str) -> Option<&'s str>,
    colour: bool,
) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&groups(diagnostic, &source)));
        out.push_str("\n\n");
    }
    out
}

/// One finding as the parts that the renderer draws.
fn groups<'d, 's: 'd>(
    diagnostic: &'d Diagnostic,
    source: &impl Fn(&str) -> Option<&'s str>,
) -> Vec<Group<'d>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message);
    let mut main = match (&diagnostic.label, source(&diagnostic.file)) {
        (Some(label), Some(text)) => {
            let mut snippet = Snippet::source(text).path(&diagnostic.file).annotation(annotation(
                AnnotationKind::Primary,
                label,
                text,
            ));
            if let Some(related) = &diagnostic.related
                && related.file == diagnostic.file
            {
                snippet =
                    snippet.annotation(annotation(AnnotationKind::Context, &related.label, text));
            }
            title.element(snippet)
        }
        _ => title.element(Origin::path(&diagnostic.file)),
    };
    if let Some(related) = &diagnostic.related
        && related.file != diagnostic.file
        && let Some(text) = source(&related.file)
    {
        main = main.element(Snippet::source(text).path(&related.file).annotation(annotation(
            AnnotationKind::Context,
            &related.label,
            text,
        )));
    }
    let help =
        diagnostic.help.iter().map(|help| Group::with_title(Level::HELP.secondary_title(help)));
    std::iter::once(main).chain(help).collect()
}

/// A place cut to the text, so that a stale span cannot bring the renderer down.
fn annotation<'d>(kind: AnnotationKind, label: &'d Label, text: &str) -> Annotation<'d> {
    let end = text.floor_char_boundary(label.span.end);
    let start = text.floor_char_boundary(label.span.start).min(end);
    kind.span(start..end).label((!label.text.is_empty()).then_some(label.text.as_str()))
}
