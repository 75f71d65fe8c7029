using System.Globalization;

namespace Restate.Storage.Rocks;

/// <summary>A histogram of RocksDB, in its own unit.</summary>
/// <param name="P50">Median.</param>
/// <param name="P95">95th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="P100">Largest value.</param>
/// <param name="Count">Number of values.</param>
/// <param name="Sum">Their sum.</param>
public readonly record struct RocksHistogram(double P50, double P95, double P99, double P100, long Count, long Sum);

/// <summary>
/// Tickers and histograms by their RocksDB names, such as <c>rocksdb.block.cache.miss</c>. Read from the text that RocksDB prints: the C API
/// takes the numbers of an enumeration that every version shifts, and names stay.
/// </summary>
internal sealed class RocksStatistics
{
    private RocksStatistics(Dictionary<string, long> tickers, Dictionary<string, RocksHistogram> histograms)
    {
        Tickers = tickers;
        Histograms = histograms;
    }

    /// <summary>Tickers.</summary>
    public IReadOnlyDictionary<string, long> Tickers { get; }

    /// <summary>Histograms.</summary>
    public IReadOnlyDictionary<string, RocksHistogram> Histograms { get; }

    /// <summary>
    /// Reads lines such as <c>rocksdb.block.cache.miss COUNT : 7</c> and
    /// <c>rocksdb.db.get.micros P50 : 1.0 P95 : 2.0 P99 : 3.0 P100 : 4.0 COUNT : 5 SUM : 6</c>; others are passed over.
    /// </summary>
    public static RocksStatistics Parse(string text)
    {
        var tickers = new Dictionary<string, long>(StringComparer.Ordinal);
        var histograms = new Dictionary<string, RocksHistogram>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // name, then groups of three: label, colon, number.
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 4 && words[1] == "COUNT")
                tickers[words[0]] = Whole(words[3]);
            else if (words.Length == 19 && words[1] == "P50" && words[13] == "COUNT" && words[16] == "SUM")
                histograms[words[0]] = new RocksHistogram(Number(words[3]), Number(words[6]), Number(words[9]), Number(words[12]), Whole(words[15]), Whole(words[18]));
        }

        return new RocksStatistics(tickers, histograms);
    }

    private static long Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : 0;
}
