namespace Restate.Admin.Benchmarks.Support;

/// <summary>Finds the built server and the SDK service next to this program, wherever the clone lies.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the SDK service that both servers discover.</summary>
    public static string SdkServiceDirectory => Path.Combine(Root, "Restate.Admin.Tests", "EndToEnd", "sdk-service");

    /// <summary>The server's program, built in the configuration (Debug or Release) this program was built in.</summary>
    /// <exception cref="FileNotFoundException">It was not built.</exception>
    public static string ServerProgram()
    {
        string framework = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        string program = Path.Combine(Root, "Restate.Admin.Api", "bin", configuration, framework, "Restate.Admin.Api.dll");
        return File.Exists(program)
            ? program
            : throw new FileNotFoundException($"The server is not built: run `dotnet build -c {configuration} Restate.Admin.Api`.", program);
    }

    /// <summary>The <c>dotnet</c> this program runs under, so that the server uses the same runtime.</summary>
    public static string DotnetHost()
    {
        string? own = Environment.ProcessPath;
        if (own is not null && Path.GetFileNameWithoutExtension(own) == "dotnet")
            return own;
        string? root = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        return root is not null && File.Exists(Path.Combine(root, "dotnet")) ? Path.Combine(root, "dotnet") : "dotnet";
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Restate.Admin.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Restate.Admin.sln in or above {AppContext.BaseDirectory}.");
    }
}
