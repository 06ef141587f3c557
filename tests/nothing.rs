//! Empty: this package only owns the tests, examples and benches of the workspace.
