using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// Quotients and remainders as the peer computes them: whole numbers and decimals, cut off and not rounded, and an error where the divisor
/// is zero, for which DuckDB gives NULL. A decimal quotient has four digits more behind the point than the dividend.
/// </summary>
internal static unsafe class PeerDivision
{
    private const byte DecimalWidth = 38;
    private const byte MoreDigits = 4;
    private const string DivideByZero = "Divide by zero";
    private const string TooLarge = "the quotient does not fit its type; cast the dividend to DOUBLE";

    private static readonly Int128 DecimalEnd = Power(DecimalWidth);

    /// <summary>
    /// Registers the functions under <paramref name="prefix"/> and <c>div</c> or <c>mod</c>, those of decimals with the scales behind it:
    /// overloads on decimals differ in nothing that DuckDB would choose by.
    /// </summary>
    internal static void Register(DuckDbConnection connection, string prefix)
    {
        using var signed = new DuckDbLogicalType(DuckDbType.BigInt);
        using var unsigned = new DuckDbLogicalType(DuckDbType.UBigInt);
        using var real = new DuckDbLogicalType(DuckDbType.Double);
        Register(connection, $"{prefix}div", [(signed, signed, signed), (unsigned, unsigned, unsigned), (real, real, real)], [&DivideSigned, &DivideUnsigned, &DivideReal]);
        Register(connection, $"{prefix}mod", [(signed, signed, signed), (unsigned, unsigned, unsigned)], [&RemainderSigned, &RemainderUnsigned]);
        for (byte left = 0; left <= 2 * MoreDigits; left += MoreDigits)
        {
            using DuckDbLogicalType dividend = Decimal(left);
            using DuckDbLogicalType quotient = Decimal((byte)(left + MoreDigits));
            for (byte right = 0; right <= 2 * MoreDigits; right += MoreDigits)
            {
                using DuckDbLogicalType divisor = Decimal(right);
                Register(
                    connection, $"{prefix}div{left}{right}", [(dividend, divisor, quotient)], [right switch { 0 => &Divide0, MoreDigits => &Divide4, _ => &Divide8 }]);
            }
        }
    }

    private static void Register(
        DuckDbConnection connection,
        string name,
        (DuckDbLogicalType Left, DuckDbLogicalType Right, DuckDbLogicalType Result)[] types,
        delegate* unmanaged[Cdecl]<nint, nint, nint, void>[] callbacks)
    {
        nint set = DuckDbNative.CreateScalarFunctionSet(name);
        try
        {
            for (int i = 0; i < types.Length; i++)
                Add(set, name, types[i].Left, types[i].Right, types[i].Result, callbacks[i]);
            if (DuckDbNative.RegisterScalarFunctionSet(connection, set) != 0)
                throw new InvalidOperationException($"DuckDB refused the function {name}");
        }
        finally
        {
            DuckDbNative.DestroyScalarFunctionSet(ref set);
        }
    }

    private static DuckDbLogicalType Decimal(byte scale) => new(DuckDbNative.CreateDecimalType(DecimalWidth, scale));

    private static void Add(
        nint set,
        string name,
        DuckDbLogicalType left,
        DuckDbLogicalType right,
        DuckDbLogicalType result,
        delegate* unmanaged[Cdecl]<nint, nint, nint, void> callback)
    {
        nint function = DuckDbNative.CreateScalarFunction();
        try
        {
            DuckDbNative.ScalarFunctionSetName(function, name);
            DuckDbNative.ScalarFunctionAddParameter(function, left);
            DuckDbNative.ScalarFunctionAddParameter(function, right);
            DuckDbNative.ScalarFunctionSetReturnType(function, result);
            DuckDbNative.ScalarFunctionSetFunction(function, callback);
            if (DuckDbNative.AddScalarFunctionToSet(set, function) != 0)
                throw new InvalidOperationException($"DuckDB refused an overload of {name}");
        }
        finally
        {
            DuckDbNative.DestroyScalarFunction(ref function);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DivideSigned(nint info, nint chunk, nint result)
    {
        var rows = new Rows(info, chunk, result);
        var left = (long*)rows.Left;
        var right = (long*)rows.Right;
        var to = (long*)rows.Result;
        for (int i = 0; i < rows.Count; i++)
        {
            if (!rows.MayDivide(i, right[i] == 0))
                continue;
            if (right[i] == -1 && left[i] == long.MinValue)
                rows.Fail(TooLarge);
            else
                to[i] = left[i] / right[i];
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DivideUnsigned(nint info, nint chunk, nint result)
    {
        var rows = new Rows(info, chunk, result);
        var left = (ulong*)rows.Left;
        var right = (ulong*)rows.Right;
        var to = (ulong*)rows.Result;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.MayDivide(i, right[i] == 0))
                to[i] = left[i] / right[i];
        }
    }

    /// <summary>By zero it is infinite or no number.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DivideReal(nint info, nint chunk, nint result)
    {
        var rows = new Rows(info, chunk, result);
        var left = (double*)rows.Left;
        var right = (double*)rows.Right;
        var to = (double*)rows.Result;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.MayDivide(i, isByZero: false))
                to[i] = left[i] / right[i];
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RemainderSigned(nint info, nint chunk, nint result)
    {
        var rows = new Rows(info, chunk, result);
        var left = (long*)rows.Left;
        var right = (long*)rows.Right;
        var to = (long*)rows.Result;
        for (int i = 0; i < rows.Count; i++)
        {
            // The processor traps on the remainder of the lowest number by -1.
            if (rows.MayDivide(i, right[i] == 0))
                to[i] = right[i] == -1 ? 0 : left[i] % right[i];
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RemainderUnsigned(nint info, nint chunk, nint result)
    {
        var rows = new Rows(info, chunk, result);
        var left = (ulong*)rows.Left;
        var right = (ulong*)rows.Right;
        var to = (ulong*)rows.Result;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.MayDivide(i, right[i] == 0))
                to[i] = left[i] % right[i];
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Divide0(nint info, nint chunk, nint result) => Divide(info, chunk, result, divisorScale: 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Divide4(nint info, nint chunk, nint result) => Divide(info, chunk, result, MoreDigits);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Divide8(nint info, nint chunk, nint result) => Divide(info, chunk, result, 2 * MoreDigits);

    private static void Divide(nint info, nint chunk, nint result, int divisorScale)
    {
        var rows = new Rows(info, chunk, result);
        try
        {
            Divide(rows, divisorScale);
        }
        catch (ArithmeticException e)
        {
            // It would end the process if it left the callback.
            rows.Fail(e.Message);
        }
    }

    private static void Divide(in Rows rows, int divisorScale)
    {
        var to = (ulong*)rows.Result;
        Int128 factor = Power(MoreDigits + divisorScale);
        Int128 most = Int128.MaxValue / factor;
        for (int i = 0; i < rows.Count; i++)
        {
            Int128 divisor = Number(rows.Right, i);
            if (!rows.MayDivide(i, divisor == 0))
                continue;
            Int128 dividend = Number(rows.Left, i);

            // DuckDB's sums of decimals may have more digits than the type, down to the one number that has no absolute value.
            Int128 quotient = dividend >= -most && dividend <= most ? dividend * factor / divisor : DecimalEnd;
            if (quotient >= DecimalEnd || quotient <= -DecimalEnd)
            {
                rows.Fail(TooLarge);
                continue;
            }

            to[2 * i] = (ulong)(quotient & ulong.MaxValue);
            to[(2 * i) + 1] = (ulong)((quotient >> 64) & ulong.MaxValue);
        }
    }

    private static Int128 Number(void* data, int row) => new(((ulong*)data)[(2 * row) + 1], ((ulong*)data)[2 * row]);

    private static Int128 Power(int digits)
    {
        Int128 power = 1;
        for (int i = 0; i < digits; i++)
            power *= 10;
        return power;
    }

    /// <summary>The vectors of one call.</summary>
    private readonly struct Rows
    {
        private readonly nint _info;
        private readonly nint _result;
        private readonly ulong* _leftValidity;
        private readonly ulong* _rightValidity;

        internal Rows(nint info, nint chunk, nint result)
        {
            _info = info;
            _result = result;
            nint left = DuckDbNative.ChunkGetVector(chunk, 0);
            nint right = DuckDbNative.ChunkGetVector(chunk, 1);
            _leftValidity = DuckDbNative.VectorGetValidity(left);
            _rightValidity = DuckDbNative.VectorGetValidity(right);
            Left = DuckDbNative.VectorGetData(left);
            Right = DuckDbNative.VectorGetData(right);
            Result = DuckDbNative.VectorGetData(result);
            Count = (int)DuckDbNative.ChunkGetSize(chunk);
        }

        internal int Count { get; }

        internal void* Left { get; }

        internal void* Right { get; }

        internal void* Result { get; }

        /// <summary>False for a row that has no quotient: of NULL, which gives NULL, or by zero, which is an error.</summary>
        internal bool MayDivide(int row, bool isByZero)
        {
            if (IsNull(_leftValidity, row) || IsNull(_rightValidity, row))
            {
                DuckDbNative.VectorEnsureValidityWritable(_result);
                DuckDbNative.VectorGetValidity(_result)[row >> 6] &= ~(1UL << (row & 63));
                return false;
            }

            if (isByZero)
                Fail(DivideByZero);
            return !isByZero;
        }

        internal void Fail(string message) => DuckDbNative.ScalarFunctionSetError(_info, message);

        private static bool IsNull(ulong* validity, int row) => validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;
    }
}
