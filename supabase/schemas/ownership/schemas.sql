-- The ownership engine: `ownership` is its contract (functions and views), `ownership_private` what it keeps to itself.

create schema ownership;
create schema ownership_private;

comment on schema ownership is
  'Column ownership: which writer owns a cell, and what the engine kept. Functions and views only.';
comment on schema ownership_private is
  'Tables and generated functions of the ownership engine. Nobody but its owner reads or writes them.';

-- Whatever people call runs without JIT (set jit = off). The planner, which cannot know how few rows the catalogue has,
-- would compile queries that take milliseconds for a second.
