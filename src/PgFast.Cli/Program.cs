using PgFast.Cli;

return CommandLine.Run(args);
