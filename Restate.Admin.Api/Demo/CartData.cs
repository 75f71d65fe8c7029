using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Restate.Admin.Api.Demo;

/// <summary>The state of the demo's carts: made up, and the same for the same numbers.</summary>
internal static class CartData
{
    /// <summary>The carts of the demo: so many that SQL has something to count, so few that its data stays small.</summary>
    public const int Carts = 2_000;

    private static readonly string[] Cities = ["Berlin", "Hamburg", "Lisbon", "Lyon", "Oslo", "Porto", "Turin", "Vienna"];
    private static readonly string[] Names = ["Ada", "Bela", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines", "Jonas"];

    private static readonly (string Sku, decimal Price)[] Products =
    [
        ("coffee-1kg", 18.90m), ("tea-assam", 7.50m), ("mug-blue", 11.00m), ("grinder", 89.00m), ("filter-100", 4.20m),
        ("kettle", 59.90m), ("scale", 34.50m), ("beans-decaf", 16.40m), ("oat-milk", 2.60m), ("chocolate", 3.90m),
    ];

    /// <summary>The object key of a cart.</summary>
    public static string KeyOf(int cart) => string.Create(CultureInfo.InvariantCulture, $"cart-{cart:D4}");

    /// <summary>The body that sets a cart's state, as UTF-8 JSON.</summary>
    /// <param name="cart">Number of the cart, from 0.</param>
    /// <param name="change">How often it was changed before.</param>
    public static byte[] Body(int cart, int change)
    {
        // Who owns a cart and where does not change; what is in it does.
        var owner = new Random(cart);
        string city = Cities[owner.Next(Cities.Length)];
        var customer = new Customer(Names[owner.Next(Names.Length)], city, 2015 + owner.Next(10));
        var content = new Random(HashCode(cart, change));
        CartItem[] items = [.. Enumerable.Range(0, 1 + content.Next(5)).Select(_ => Item(content))];
        string status = content.Next(4) == 0 ? "ordered" : "open";
        var value = new Cart(city, status, items.Sum(item => item.Quantity * item.Price), items);

        // State values are bytes; text is taken as its UTF-8.
        return JsonSerializer.SerializeToUtf8Bytes(
            new StateChange(KeyOf(cart), new Dictionary<string, string>
            {
                ["cart"] = JsonSerializer.Serialize(value, CartJson.Default.Cart),
                ["customer"] = JsonSerializer.Serialize(customer, CartJson.Default.Customer),
            }),
            CartJson.Default.StateChange);
    }

    private static CartItem Item(Random random)
    {
        (string sku, decimal price) = Products[random.Next(Products.Length)];
        return new CartItem(sku, 1 + random.Next(3), price);
    }

    // The framework's differs from run to run.
    private static int HashCode(int cart, int change) => unchecked((cart * 397) ^ (change * 7_919));
}

/// <summary>A body of <c>POST /services/Cart/state</c>.</summary>
/// <param name="ObjectKey">Whose state.</param>
/// <param name="NewState">Its entries.</param>
internal sealed record StateChange(
    [property: JsonPropertyName("object_key")] string ObjectKey,
    [property: JsonPropertyName("new_state")] Dictionary<string, string> NewState);

/// <summary>State entry <c>customer</c>.</summary>
internal sealed record Customer(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("city")] string City,
    [property: JsonPropertyName("since")] int Since);

/// <summary>State entry <c>cart</c>.</summary>
internal sealed record Cart(
    [property: JsonPropertyName("city")] string City,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("total")] decimal Total,
    [property: JsonPropertyName("items")] CartItem[] Items);

/// <summary>An item of a cart.</summary>
internal sealed record CartItem(
    [property: JsonPropertyName("sku")] string Sku,
    [property: JsonPropertyName("quantity")] int Quantity,
    [property: JsonPropertyName("price")] decimal Price);

[JsonSerializable(typeof(StateChange))]
[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(Cart))]
internal sealed partial class CartJson : JsonSerializerContext;
