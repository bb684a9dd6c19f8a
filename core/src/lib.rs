#![no_std]
#![forbid(unsafe_code)]
//! Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this health?
//!
//! The modules stand in the order that a query travels.

extern crate alloc;

pub mod answer;
pub mod diagnostic;
pub mod limits;
pub mod model;
pub mod query;

pub mod parse;
pub mod validate;

pub mod compile;

pub mod health;

mod policy;

pub mod resolve;

pub mod explain;
pub mod lines;
