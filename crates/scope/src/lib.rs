//! Network Access Scopes: access questions in, findings and explanations out.
pub mod document;
