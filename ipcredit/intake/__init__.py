"""Bureau files: archive, readers, loader, receipts, templates."""
