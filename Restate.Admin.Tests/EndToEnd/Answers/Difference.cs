namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>
/// A statement that our server answers otherwise than the peer, on purpose. Run against both, so that it stays true.
/// </summary>
/// <param name="Title">What it is about.</param>
/// <param name="Statement">A statement that shows it.</param>
/// <param name="Ours">Our answer: the rows as JSON, Arrow types where <paramref name="IsOfTypes"/>, or status and start of the error; a start alone where it ends with …</param>
/// <param name="Peer">The peer's answer in the same form.</param>
/// <param name="Reason">Why it is so.</param>
/// <param name="IsOfTypes">True when the values are equal and the Arrow types are not.</param>
public sealed record Difference(string Title, string Statement, string Ours, string Peer, string Reason, bool IsOfTypes = false);
