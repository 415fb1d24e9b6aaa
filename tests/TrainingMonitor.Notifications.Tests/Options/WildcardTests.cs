using TrainingMonitor.Notifications.Silencing;

namespace TrainingMonitor.Notifications.Tests.Options;

public sealed class WildcardTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "ab", false)]
    [InlineData("*", "", true)]
    [InlineData("a*", "abc", true)]
    [InlineData("*c", "abc", true)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcdef", false)]
    [InlineData("*ab", "aab", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("", "a", false)]
    public void A_star_is_any_text_and_nothing_else_is_special(string pattern, string text, bool matches) => Wildcard.Matches(pattern, text).ShouldBe(matches);
}
