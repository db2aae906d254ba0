using BenchmarkDotNet.Running;
using PgFast.Benchmarks.Configs;

// dotnet run -c Release --project benchmarks/PgFast.Benchmarks -- --filter '*' [--quick | --widths]
BenchmarkSwitcher.FromAssembly(typeof(SuiteConfig).Assembly).Run(SuiteConfig.WithoutOwnOptions(args), SuiteConfig.From(args));
