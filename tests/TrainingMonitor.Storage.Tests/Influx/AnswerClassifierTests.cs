using System.Net.Http.Headers;
using TrainingMonitor.Storage.Influx.Writing;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>Answers of 1.x, 2.x and 3, as documented or met.</summary>
public sealed class AnswerClassifierTests
{
    [Theory]
    [InlineData(204, "", WriteOutcome.Accept)]
    [InlineData(200, "", WriteOutcome.Accept)]
    [InlineData(400, """{"error":"partial write: unable to parse 'bad': missing fields dropped=0"}""", WriteOutcome.Reject)]
    [InlineData(400, """{"error":"field type conflict"}""", WriteOutcome.Reject)]
    [InlineData(422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: dropped=1"}""", WriteOutcome.Reject)]
    [InlineData(400, """{"error":"partial write: points beyond retention policy dropped=2"}""", WriteOutcome.Accept)]
    [InlineData(422, """{"message":"points beyond retention policy dropped=3"}""", WriteOutcome.Accept)]
    [InlineData(400, """{"code":"invalid","message":"Please provide either orgID or org"}""", WriteOutcome.Keep)]
    [InlineData(401, """{"error":"authorization failed"}""", WriteOutcome.Keep)]
    [InlineData(403, "", WriteOutcome.Keep)]
    [InlineData(404, """{"error":"database not found: \"x\""}""", WriteOutcome.Keep)]
    [InlineData(404, "404 page not found", WriteOutcome.Keep)]
    [InlineData(406, "", WriteOutcome.Reject)]
    [InlineData(413, "", WriteOutcome.Split)]
    [InlineData(429, "", WriteOutcome.Keep)]
    [InlineData(500, """{"error":"max series per database exceeded: 1000000"}""", WriteOutcome.Reject)]
    [InlineData(500, """{"error":"partial write: max-values-per-tag limit exceeded"}""", WriteOutcome.Reject)]
    [InlineData(500, """{"error":"timeout"}""", WriteOutcome.Keep)]
    [InlineData(502, "", WriteOutcome.Keep)]
    [InlineData(503, "", WriteOutcome.Keep)]
    [InlineData(504, "", WriteOutcome.Keep)]
    public void An_answer_is_classified_by_status_and_text(int status, string body, WriteOutcome outcome) =>
        AnswerClassifier.Classify(status, body, TimeSpan.Zero).Outcome.ShouldBe(outcome);

    [Fact]
    public void Retry_after_is_read_in_seconds_or_as_a_date_and_bounded()
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        AnswerClassifier.RetryAfter(null, now).ShouldBe(TimeSpan.Zero);
        AnswerClassifier.RetryAfter(RetryConditionHeaderValue.Parse("17"), now).ShouldBe(TimeSpan.FromSeconds(17));
        AnswerClassifier.RetryAfter(new RetryConditionHeaderValue(now.AddSeconds(90)), now).ShouldBe(TimeSpan.FromSeconds(90));
        AnswerClassifier.RetryAfter(new RetryConditionHeaderValue(now.AddSeconds(-90)), now).ShouldBe(TimeSpan.Zero);
        AnswerClassifier.RetryAfter(RetryConditionHeaderValue.Parse("86400"), now).ShouldBe(AnswerClassifier.LongestRetryAfter);
    }
}
