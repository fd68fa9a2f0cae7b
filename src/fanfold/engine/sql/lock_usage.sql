-- Waits for all who count usage and holds off the next, so that an unused row can go without losing a count.
lock table limit_usage in share row exclusive mode
