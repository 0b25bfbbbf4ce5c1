//! Join: facts meet files, by digest alone.
