//! The result model of ssespec and its renderers
