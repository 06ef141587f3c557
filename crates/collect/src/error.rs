//! Why an answer could not be read.

/// Why an answer could not be read. There never is a part of an answer beside it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// `shapes/operations.txt` does not list the operation.
    #[error("there is no table of shapes for `{operation}` of `{service}`")]
    NoSuchOperation {
        /// As botocore calls the service.
        service: String,
        /// As AWS calls the operation.
        operation: String,
    },
    /// A table that was built in does not keep to its format. A test excludes it.
    #[error("the tables of shapes are broken: {0}")]
    Table(String),
    /// No bytes at all.
    #[error("the answer is empty")]
    Empty,
    /// Not text.
    #[error("the answer is not UTF-8: {0}")]
    Encoding(#[from] std::str::Utf8Error),
    /// Not well-formed, or cut off.
    #[error("the answer is not XML, or not all of it: {0}")]
    Xml(#[from] roxmltree::Error),
    /// Not well-formed, cut off, or not of the shape that the table says.
    #[error("the answer is not the JSON that it should be, or not all of it: {0}")]
    Json(#[from] serde_json::Error),
    /// Well-formed, but something else.
    #[error("the answer is a `{found}` instead of a `{expected}`")]
    OtherDocument {
        /// Name of the element that should be there.
        expected: String,
        /// Name of what is there.
        found: String,
    },
    /// A document that tells an error.
    #[error("AWS answered with an error: {code}: {message}")]
    Refused {
        /// AWS's code, such as `UnauthorizedOperation`; empty if it is not told.
        code: String,
        /// AWS's message; empty if it is not told.
        message: String,
    },
    /// A value is not what the table says.
    #[error("`{place}` {why}")]
    Member {
        /// Structure and member.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A page follows that belongs to another call.
    #[error("a page of `{found}` cannot follow one of `{expected}`")]
    OtherOperation {
        /// Operation of the first page.
        expected: &'static str,
        /// Operation of the page that should follow.
        found: &'static str,
    },
    /// Asking on would never end.
    #[error("AWS gave the same token for the next page twice")]
    SameToken,
    /// The path leads to nothing that an answer of this operation can have, or not to strings.
    #[error("`{operation}` has no strings at `{path}`")]
    NoSuchPath {
        /// As AWS calls the operation.
        operation: &'static str,
        /// The path that was asked for.
        path: String,
    },
}
