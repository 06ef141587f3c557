//! Live account → snapshot: what AWS answers, written as the AWS CLI prints it.
//!
//! The answers are taken from the wire ([`read`]) and turned into JSON by tables of shapes, which are generated from
//! botocore's models, the ones that the AWS CLI uses (`shapes/generate`). Members that can hold secrets are in the tables too,
//! but only to be left out (`shapes/secrets.txt`). This crate knows nothing of what is done with a snapshot.

mod answer;
mod catalogue;
#[cfg(any(feature = "live", test))]
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "what asks AWS uses all of it"))]
mod change;
mod error;
#[cfg(any(feature = "live", test))]
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "what asks AWS uses all of it"))]
mod folder;
mod json;
mod manifest;
mod policy;
#[cfg(feature = "live")]
mod run;
#[cfg(feature = "live")]
mod sdk;
mod shape;
#[cfg(any(feature = "live", test))]
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "what asks AWS uses all of it"))]
mod subjects;
mod timestamp;
mod value;
mod xml;

#[cfg(feature = "live")]
pub use self::run::{CollectError, Event, Options, Regions, collect};
pub use self::{
    answer::{Answer, LeftOut, read},
    catalogue::{About, CALLS, Call, Only, Source},
    error::AnswerError,
    manifest::{Changed, Collected, MANIFEST, Manifest, Missing, Place, Table, Unreachable, Why},
    policy::policy,
    shape::{command, operations},
    value::Value,
};
