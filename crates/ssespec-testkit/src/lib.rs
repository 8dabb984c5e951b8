//! Defective clients and a naive parser that prove the suite

pub mod naive;
