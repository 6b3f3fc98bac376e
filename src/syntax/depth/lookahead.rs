//! What the tokenizer looks at ahead of what it reads, which is to stay in proportion to the text.

/// Characters that the tokenizer may look ahead at for each one that it reads, on average.
const LOOKAHEAD: usize = 64;

/// What it may look ahead at in any text.
const FREE_LOOKAHEAD: usize = 1 << 20;

/// What the tokenizer looks at ahead of each token: whatever could be part of a path or an address,
/// to the end of the run.
#[derive(Default)]
pub(super) struct Lookahead {
    spent: usize,
    /// Where the run of path characters ends that was last looked for.
    run: usize,
    /// The same for a run that begins with `<`, which goes on over `<` and `/`.
    search_run: usize,
}

impl Lookahead {
    /// Counts what is looked at from `at`; whether that is still in proportion to the text.
    pub(super) fn pay(&mut self, text: &str, at: usize) -> bool {
        let bytes = text.as_bytes();
        let is_search = bytes.get(at) == Some(&b'<');
        let run = if is_search { &mut self.search_run } else { &mut self.run };
        if *run <= at {
            let in_run = |byte: &u8| match byte {
                b'<' | b'/' => is_search,
                byte => byte.is_ascii_alphanumeric() || b"_.+-".contains(byte),
            };
            *run = at + bytes[at.min(bytes.len())..].iter().take_while(|byte| in_run(byte)).count();
        }
        self.spent += run.saturating_sub(at);
        self.spent <= FREE_LOOKAHEAD.saturating_add(LOOKAHEAD.saturating_mul(text.len()))
    }
}
