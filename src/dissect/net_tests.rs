//! Vectors for the link and network layers: what is read, what is found, and that leaves tile every buffer.
