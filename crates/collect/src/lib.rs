//! Live account → snapshot: what AWS answers, written as the AWS CLI prints it.
//!
//! The answers are taken from the wire ([`read`]) and turned into JSON by tables of shapes, which are generated from
//! botocore's models, the ones that the AWS CLI uses (`shapes/generate`). Members that can hold secrets are in the tables too,
//! but only to be left out (`shapes/secrets.txt`). This crate knows nothing of what is done with a snapshot.

mod answer;
mod error;
mod json;
mod shape;
mod timestamp;
mod value;
mod xml;

pub use self::{
    answer::{Answer, LeftOut, read},
    error::AnswerError,
    shape::{command, operations},
    value::Value,
};
