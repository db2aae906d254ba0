using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/PgFast.Benchmarks -- --filter '*' [--quick | --widths]
BenchmarkSwitcher.FromAssembly(typeof(PgFast.Benchmarks.Configs.SuiteConfig).Assembly)
    .Run(PgFast.Benchmarks.Configs.SuiteConfig.WithoutOwnOptions(args), PgFast.Benchmarks.Configs.SuiteConfig.From(args));
