"""Small pieces that several features use: ids, entity tags, paging, sessions."""
