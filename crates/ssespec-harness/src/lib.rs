//! Plans cases, drives subjects and judges what they report
