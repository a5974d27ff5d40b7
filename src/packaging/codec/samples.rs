//! What compressors are tried on.

/// Words in no order: compresses, but not to nothing.
pub fn text(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let words = ["let ", "match ", "self.", "entry", "(", ");\n", "    ", "Result<", "0x", "// why "];
    let mut text = Vec::new();
    while text.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend_from_slice(words[(state >> 16) as usize % words.len()].as_bytes());
    }
    text.truncate(length);
    text
}

/// Bytes in no order at all.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
    .take(length)
    .collect()
}
