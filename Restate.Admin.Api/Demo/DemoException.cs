namespace Restate.Admin.Api.Demo;

/// <summary>A step of the demo did not work. The message names it and goes to whoever started the demo.</summary>
internal sealed class DemoException : Exception
{
    /// <summary>A step that failed for a reason of the demo's own.</summary>
    public DemoException(string message)
        : base(message)
    {
    }

    /// <summary>A step that failed because something below it did.</summary>
    public DemoException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
