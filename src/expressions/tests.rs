//! Laws of expressions on small frames.
