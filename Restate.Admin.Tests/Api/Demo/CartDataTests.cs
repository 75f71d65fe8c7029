using System.Text.Json;
using Restate.Admin.Api.Demo;
using Xunit;

namespace Restate.Admin.Tests.Api.Demo;

public sealed class CartDataTests
{
    [Fact]
    public void A_body_replaces_the_two_entries_of_one_cart()
    {
        using JsonDocument body = JsonDocument.Parse(CartData.Body(cart: 7, change: 0));
        Assert.Equal("cart-0007", body.RootElement.GetProperty("object_key").GetString());
        JsonElement state = body.RootElement.GetProperty("new_state");
        Assert.Equal(["cart", "customer"], state.EnumerateObject().Select(entry => entry.Name));

        using JsonDocument cart = JsonDocument.Parse(state.GetProperty("cart").GetString()!);
        decimal sum = cart.RootElement.GetProperty("items").EnumerateArray()
            .Sum(item => item.GetProperty("quantity").GetInt32() * item.GetProperty("price").GetDecimal());
        Assert.Equal(sum, cart.RootElement.GetProperty("total").GetDecimal());
        Assert.True(sum > 0);
        using JsonDocument customer = JsonDocument.Parse(state.GetProperty("customer").GetString()!);
        Assert.Equal(customer.RootElement.GetProperty("city").GetString(), cart.RootElement.GetProperty("city").GetString());
    }

    [Fact]
    public void The_same_numbers_give_the_same_body_and_a_change_another() =>
        Assert.Equal((true, false), (
            CartData.Body(3, 0).AsSpan().SequenceEqual(CartData.Body(3, 0)),
            CartData.Body(3, 0).AsSpan().SequenceEqual(CartData.Body(3, 1))));

    [Fact]
    public void Bodies_are_small() =>
        Assert.All(Enumerable.Range(0, CartData.Carts), cart => Assert.InRange(CartData.Body(cart, change: cart).Length, 100, 2_000));
}
