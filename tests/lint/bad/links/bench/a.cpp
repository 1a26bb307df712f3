/// Source: docs/gone.md.
/// Source: docs/page.md, "Not a heading".
