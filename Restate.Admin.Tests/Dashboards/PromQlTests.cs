using Xunit;

namespace Restate.Admin.Tests.Dashboards;

public sealed class PromQlTests
{
    [Theory]
    [InlineData("a", "a()", "")]
    [InlineData("a_total{x=\"1,}\", y=~\"b|c\"} / b > 0", "a_total(x,y) b()", "")]
    [InlineData("sum by (node, db) (rate(a{x!=\"\"}[30s])) * 1.5e3", "a(x)", "node,db")]
    [InlineData("max(a) without (x) and on (y) b", "a() b()", "x,y")]
    public void Finds_metrics_and_labels(string expression, string metrics, string labels)
    {
        PromQl query = PromQl.Parse(expression);
        Assert.Equal(metrics, string.Join(' ', query.Metrics.Select(metric => $"{metric.Metric}({string.Join(',', metric.Labels)})")));
        Assert.Equal(labels, string.Join(',', query.Labels));
    }

    [Theory]
    [InlineData("a{$x}")]
    [InlineData("a{x=\"1\"")]
    [InlineData("sum by (x a")]
    public void Refuses_what_is_not_PromQL(string expression) => Assert.Throws<FormatException>(() => PromQl.Parse(expression));
}
