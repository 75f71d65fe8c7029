using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// <c>sum</c> with the peer's result types: of unsigned integers UInt64, of signed ones Int64, of other numbers Float64. DuckDB's own
/// makes 128 bits of every integer and takes no further overloads, so this one has a name of its own that the engine puts in its place.
/// A sum that does not fit is an error.
/// </summary>
/// <remarks>
/// Never to be called with OVER or ORDER BY: there DuckDB hands the update a constant vector of states, as a pointer to one that looks
/// like a pointer to many. The name is not known to callers, and the rewrite keeps to it.
/// </remarks>
internal static unsafe class NarrowSum
{
    /// <summary>Registers the aggregate under <paramref name="name"/>.</summary>
    internal static void Register(DuckDbConnection connection, string name)
    {
        nint set = DuckDbNative.CreateAggregateFunctionSet(name);
        try
        {
            Add(set, name, DuckDbType.Boolean, DuckDbType.UBigInt, &UpdateByte, &Combine, &FinishUnsigned);
            Add(set, name, DuckDbType.UTinyInt, DuckDbType.UBigInt, &UpdateByte, &Combine, &FinishUnsigned);
            Add(set, name, DuckDbType.USmallInt, DuckDbType.UBigInt, &UpdateUInt16, &Combine, &FinishUnsigned);
            Add(set, name, DuckDbType.UInteger, DuckDbType.UBigInt, &UpdateUInt32, &Combine, &FinishUnsigned);
            Add(set, name, DuckDbType.UBigInt, DuckDbType.UBigInt, &UpdateUInt64, &Combine, &FinishUnsigned);
            Add(set, name, DuckDbType.TinyInt, DuckDbType.BigInt, &UpdateSByte, &Combine, &FinishSigned);
            Add(set, name, DuckDbType.SmallInt, DuckDbType.BigInt, &UpdateInt16, &Combine, &FinishSigned);
            Add(set, name, DuckDbType.Integer, DuckDbType.BigInt, &UpdateInt32, &Combine, &FinishSigned);
            Add(set, name, DuckDbType.BigInt, DuckDbType.BigInt, &UpdateInt64, &Combine, &FinishSigned);
            Add(set, name, DuckDbType.HugeInt, DuckDbType.HugeInt, &UpdateInt128, &Combine, &FinishHuge);
            Add(set, name, DuckDbType.Double, DuckDbType.Double, &UpdateDouble, &CombineDouble, &FinishDouble);
            if (DuckDbNative.RegisterAggregateFunctionSet(connection, set) != 0)
                throw new InvalidOperationException("DuckDB refused the aggregate sum");
        }
        finally
        {
            DuckDbNative.DestroyAggregateFunctionSet(ref set);
        }
    }

    private static void Add(
        nint set,
        string name,
        DuckDbType input,
        DuckDbType output,
        delegate* unmanaged[Cdecl]<nint, nint, nint*, void> update,
        delegate* unmanaged[Cdecl]<nint, nint*, nint*, ulong, void> combine,
        delegate* unmanaged[Cdecl]<nint, nint*, nint, ulong, ulong, void> finish)
    {
        nint function = DuckDbNative.CreateAggregateFunction();
        try
        {
            using var parameter = new DuckDbLogicalType(input);
            using var result = new DuckDbLogicalType(output);
            DuckDbNative.AggregateFunctionSetName(function, name);
            DuckDbNative.AggregateFunctionAddParameter(function, parameter);
            DuckDbNative.AggregateFunctionSetReturnType(function, result);
            DuckDbNative.AggregateFunctionSetFunctions(function, &StateSize, &Init, update, combine, finish);
            if (DuckDbNative.AddAggregateFunctionToSet(set, function) != 0)
                throw new InvalidOperationException($"DuckDB refused sum({input})");
        }
        finally
        {
            DuckDbNative.DestroyAggregateFunction(ref function);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static ulong StateSize(nint info) => (ulong)sizeof(State);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(nint info, nint state) => *(State*)state = default;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateByte(nint info, nint chunk, nint* states) => Update<byte>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt16(nint info, nint chunk, nint* states) => Update<ushort>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt32(nint info, nint chunk, nint* states) => Update<uint>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt64(nint info, nint chunk, nint* states) => Update<ulong>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateSByte(nint info, nint chunk, nint* states) => Update<sbyte>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateInt16(nint info, nint chunk, nint* states) => Update<short>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateInt32(nint info, nint chunk, nint* states) => Update<int>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateInt64(nint info, nint chunk, nint* states) => Update<long>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateInt128(nint info, nint chunk, nint* states) => Update<Int128>(chunk, states);

    private static void Update<T>(nint chunk, nint* states) where T : unmanaged, IBinaryInteger<T>
    {
        int count = (int)DuckDbNative.ChunkGetSize(chunk);
        nint vector = DuckDbNative.ChunkGetVector(chunk, 0);
        var values = (T*)DuckDbNative.VectorGetData(vector);
        ulong* validity = DuckDbNative.VectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (IsNull(validity, (ulong)i))
                continue;
            if (typeof(T) == typeof(Int128))
                ((State*)states[i])->Add(((ulong*)values)[2 * i], ((long*)values)[(2 * i) + 1]);
            else
                ((State*)states[i])->Add(ulong.CreateTruncating(values[i]), T.IsNegative(values[i]) ? -1 : 0);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateDouble(nint info, nint chunk, nint* states)
    {
        int count = (int)DuckDbNative.ChunkGetSize(chunk);
        nint vector = DuckDbNative.ChunkGetVector(chunk, 0);
        var values = (double*)DuckDbNative.VectorGetData(vector);
        ulong* validity = DuckDbNative.VectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (!IsNull(validity, (ulong)i))
                ((State*)states[i])->Add(values[i]);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Combine(nint info, nint* sources, nint* targets, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            var source = (State*)sources[i];
            if (source->HasValue != 0)
                ((State*)targets[i])->Add(source->Low, source->High);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void CombineDouble(nint info, nint* sources, nint* targets, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            var source = (State*)sources[i];
            if (source->HasValue != 0)
                ((State*)targets[i])->Add(BitConverter.UInt64BitsToDouble(source->Low));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FinishUnsigned(nint info, nint* states, nint result, ulong count, ulong offset)
    {
        var values = (ulong*)DuckDbNative.VectorGetData(result);
        for (ulong i = 0; i < count; i++)
        {
            var state = (State*)states[i];
            if (state->HasValue == 0)
                SetNull(result, offset + i);
            else if (state->High == 0)
                values[offset + i] = state->Low;
            else
                DuckDbNative.AggregateFunctionSetError(info, "the sum does not fit UInt64; cast the argument to DOUBLE");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FinishSigned(nint info, nint* states, nint result, ulong count, ulong offset)
    {
        var values = (long*)DuckDbNative.VectorGetData(result);
        for (ulong i = 0; i < count; i++)
        {
            var state = (State*)states[i];
            if (state->HasValue == 0)
                SetNull(result, offset + i);
            else if (state->High == (long)state->Low >> 63)
                values[offset + i] = (long)state->Low;
            else
                DuckDbNative.AggregateFunctionSetError(info, "the sum does not fit Int64; cast the argument to DOUBLE");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FinishHuge(nint info, nint* states, nint result, ulong count, ulong offset)
    {
        var words = (ulong*)DuckDbNative.VectorGetData(result);
        for (ulong i = 0; i < count; i++)
        {
            var state = (State*)states[i];
            if (state->HasValue == 0)
                SetNull(result, offset + i);
            words[2 * (offset + i)] = state->Low;
            words[(2 * (offset + i)) + 1] = (ulong)state->High;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FinishDouble(nint info, nint* states, nint result, ulong count, ulong offset)
    {
        var values = (double*)DuckDbNative.VectorGetData(result);
        for (ulong i = 0; i < count; i++)
        {
            var state = (State*)states[i];
            if (state->HasValue == 0)
                SetNull(result, offset + i);
            values[offset + i] = BitConverter.UInt64BitsToDouble(state->Low);
        }
    }

    private static bool IsNull(ulong* validity, ulong row) => validity != null && (validity[row >> 6] & (1UL << (int)(row & 63))) == 0;

    private static void SetNull(nint vector, ulong row)
    {
        DuckDbNative.VectorEnsureValidityWritable(vector);
        DuckDbNative.VectorGetValidity(vector)[row >> 6] &= ~(1UL << (int)(row & 63));
    }

    /// <summary>
    /// A 128-bit sum, so that the order of addition does not decide whether an overflow is seen; or a double in the low word.
    /// </summary>
    private struct State
    {
        internal ulong Low;
        internal long High;
        internal ulong HasValue;

        internal void Add(ulong low, long high)
        {
            ulong sum = Low + low;
            High += high + (sum < low ? 1L : 0L);
            Low = sum;
            HasValue = 1;
        }

        internal void Add(double value)
        {
            Low = BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(Low) + value);
            HasValue = 1;
        }
    }
}
