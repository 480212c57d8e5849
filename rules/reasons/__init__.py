"""Names without a differentiable form in any framework: each rule states why, and is read for every framework."""
