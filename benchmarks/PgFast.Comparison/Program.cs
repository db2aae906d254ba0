// Compares PgFast with other implementations of the same algorithm; --help lists the options. Exit codes: 0 done, 1 failed, 2 bad usage.
using PgFast.Comparison;

return Application.Run(args);
