-- Money and tokens.

-- name: set_cap
INSERT INTO caps (owner, scope, money, tokens) VALUES (:owner, :scope, :money, :tokens)
ON CONFLICT (owner, scope) DO UPDATE SET money = excluded.money, tokens = excluded.tokens;

-- name: cap
SELECT money, tokens FROM caps WHERE owner = :owner AND scope = :scope;

-- name: account
SELECT settled_money, settled_tokens, reserved_money, reserved_tokens FROM accounts WHERE owner = :owner AND scope = :scope;

-- name: open_account
INSERT INTO accounts (owner, scope) VALUES (:owner, :scope) ON CONFLICT DO NOTHING;

-- name: move_account
UPDATE accounts
SET settled_money = settled_money + :settled_money, settled_tokens = settled_tokens + :settled_tokens,
    reserved_money = reserved_money + :reserved_money, reserved_tokens = reserved_tokens + :reserved_tokens
WHERE owner = :owner AND scope = :scope;

-- name: next_reservation
SELECT coalesce(max(number), 0) + 1 FROM reservations WHERE run = :run;

-- name: reserve
INSERT INTO reservations (run, number, agent, day, money, tokens) VALUES (:run, :number, :agent, :day, :money, :tokens);

-- name: reservation
SELECT agent, day, money, tokens, state FROM reservations WHERE run = :run AND number = :number;

-- name: end_reservation
UPDATE reservations SET state = :state, real_money = :money, real_tokens = :tokens
WHERE run = :run AND number = :number AND state = 'reserved';

-- name: agents_with_account
SELECT scope FROM accounts WHERE owner = :run AND scope <> 'run'
UNION SELECT scope FROM caps WHERE owner = :run AND scope <> 'run'
ORDER BY scope;
