//! Scriptable mock server for Server-Sent Events, byte by byte
