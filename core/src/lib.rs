#![no_std]
//! The rules.
